from members.models.address import Address
from members.models.import_batch import (
    ColumnMapping,
    ColumnMappingQuerySet,
    ImportBatch,
    ImportBatchQuerySet,
    ImportRow,
    ImportRowQuerySet,
)
from members.models.member import Employment, EmploymentQuerySet, Member, MemberQuerySet, joined_name, list_name
from members.models.organization import ContactQuerySet, Organization, OrganizationContact, OrganizationQuerySet
from members.models.search_word import SearchWord
