"""No tables: Django sends post_migrate (where the roles are synced) only to apps with a models module."""
