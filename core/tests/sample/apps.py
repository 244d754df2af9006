from django.apps import AppConfig


class SampleConfig(AppConfig):
    """Models that exist only in tests: what the machinery promises is shown on them."""

    name = "core.tests.sample"
    label = "sample"
