from core.classification import FieldClass

FIELDS: dict[str, dict[str, FieldClass]] = {"Grievance": {}}
