from django.urls import path

from organizing import activity_views, oversight_views, views

urlpatterns = [
    path("organizing/", views.CampaignList.as_view(), name="campaign_list"),
    path("organizing/activities/", activity_views.ActivityList.as_view(), name="activity_list"),
    path("organizing/activities/<uuid:pk>/", activity_views.ActivityDetail.as_view(), name="activity_detail"),
    path("organizing/activities/<uuid:pk>/edit/", activity_views.ActivityEdit.as_view(), name="activity_edit"),
    path("organizing/campaigns/suggest/", views.CampaignSuggestions.as_view(), name="campaign_suggestions"),
    path("organizing/campaigns/<uuid:pk>/", activity_views.CampaignDetail.as_view(), name="campaign_detail"),
    path("organizing/campaigns/<uuid:pk>/team/", views.CampaignTeam.as_view(), name="campaign_team"),
    path("organizing/campaigns/<uuid:pk>/salts/", views.CampaignSalts.as_view(), name="campaign_salts"),
    path("organizing/campaigns/<uuid:pk>/history/", views.CampaignHistory.as_view(), name="campaign_history"),
    path("organizing/campaigns/<uuid:pk>/edit/", views.CampaignEdit.as_view(), name="campaign_edit"),
    path("organizing/campaigns/<uuid:pk>/close/", views.CampaignClose.as_view(), name="campaign_close"),
    path("organizing/campaigns/<uuid:pk>/team/add/", views.Appoint.as_view(), name="campaign_appoint"),
    path("organizing/campaigns/<uuid:pk>/salts/add/", views.SaltAdd.as_view(), name="salt_add"),
    path("organizing/campaigns/<uuid:pk>/activities/add/", activity_views.ActivityAdd.as_view(), name="activity_add"),
    path("organizing/assignments/<uuid:pk>/end/", views.AssignmentEnd.as_view(), name="assignment_end"),
    path("organizing/salts/<uuid:pk>/handler/", views.SaltHandler.as_view(), name="salt_handler"),
    path("organizing/salts/<uuid:pk>/end/", views.SaltEnd.as_view(), name="salt_end"),
    path("organizing/salts/<uuid:pk>/name/", views.SaltName.as_view(), name="salt_name"),
    path("organizing/oversight/", oversight_views.Oversight.as_view(), name="oversight"),
    path("organizing/oversight/open/", oversight_views.OpenCampaign.as_view(), name="campaign_open"),
    path("organizing/oversight/<uuid:pk>/lead/", oversight_views.ReplaceLead.as_view(), name="lead_replace"),
    path("entries/", activity_views.EntryList.as_view(), name="entry_list"),
    path("entries/add/", activity_views.EntryAdd.as_view(), name="entry_add"),
]
