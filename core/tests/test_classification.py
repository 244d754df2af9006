from core.classification import S1, S2, S3, FieldClass, Sensitivity, class_of, is_sensitive, project_models
from core.crypto import EncryptedTextField
from core.models import AuditEvent
from core.tests.sample.models import Ticket


def test_classes_of_one_model():
    assert {field.name: class_of(Ticket, field.name) for field in Ticket._meta.concrete_fields} == {
        **dict.fromkeys(("id", "version", "created_at", "updated_at", "deleted_at", "deleted_by"), S1),
        **dict.fromkeys(("number", "amount", "status", "hidden"), S1),
        **dict.fromkeys(("title", "deleted_reason"), S2),
        "secret": FieldClass(S3.sensitivity, encrypted=True),
    }


def test_what_nobody_declared_is_sensitive():
    assert class_of(Ticket, "unknown") is None
    names = ("unknown", "title", "secret", "status")
    assert [name for name in names if is_sensitive(Ticket, name)] == ["unknown", "title", "secret"]


def test_every_field_of_the_project_has_a_class():
    without = [
        f"{model._meta.label}.{field.name}"
        for model in project_models()
        for field in [*model._meta.concrete_fields, *model._meta.local_many_to_many]
        if class_of(model, field.name) is None
    ]
    assert without == []
    assert AuditEvent in project_models()


def test_what_is_declared_encrypted_is_encrypted_and_the_other_way_round():
    for model in project_models():
        for field in model._meta.concrete_fields:
            found = class_of(model, field.name)
            assert found.encrypted == isinstance(field, EncryptedTextField), field


def test_the_vault_is_the_highest_class():
    assert sorted(Sensitivity) == [Sensitivity.PUBLIC, Sensitivity.PERSONAL, Sensitivity.CASE, Sensitivity.VAULT]
