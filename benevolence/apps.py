from django.apps import AppConfig


class BenevolenceConfig(AppConfig):
    name = "benevolence"
