from django.urls import path

from members.views import MemberList

urlpatterns = [
    path("", MemberList.as_view(), name="import_list"),
    path("<uuid:pk>/", MemberList.as_view(), name="import_detail"),
]
