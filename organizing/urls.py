from django.urls import path

from organizing.views import activities, campaigns, oversight

urlpatterns = [
    path("organizing/", campaigns.CampaignList.as_view(), name="campaign_list"),
    path("organizing/activities/", activities.ActivityList.as_view(), name="activity_list"),
    path("organizing/activities/<uuid:pk>/", activities.ActivityDetail.as_view(), name="activity_detail"),
    path("organizing/activities/<uuid:pk>/edit/", activities.ActivityEdit.as_view(), name="activity_edit"),
    path("organizing/campaigns/suggest/", campaigns.CampaignSuggestions.as_view(), name="campaign_suggestions"),
    path("organizing/campaigns/<uuid:pk>/", activities.CampaignDetail.as_view(), name="campaign_detail"),
    path("organizing/campaigns/<uuid:pk>/team/", campaigns.CampaignTeam.as_view(), name="campaign_team"),
    path("organizing/campaigns/<uuid:pk>/salts/", campaigns.CampaignSalts.as_view(), name="campaign_salts"),
    path("organizing/campaigns/<uuid:pk>/history/", campaigns.CampaignHistory.as_view(), name="campaign_history"),
    path("organizing/campaigns/<uuid:pk>/edit/", campaigns.CampaignEdit.as_view(), name="campaign_edit"),
    path("organizing/campaigns/<uuid:pk>/close/", campaigns.CampaignClose.as_view(), name="campaign_close"),
    path("organizing/campaigns/<uuid:pk>/team/add/", campaigns.Appoint.as_view(), name="campaign_appoint"),
    path("organizing/campaigns/<uuid:pk>/salts/add/", campaigns.SaltAdd.as_view(), name="salt_add"),
    path("organizing/campaigns/<uuid:pk>/activities/add/", activities.ActivityAdd.as_view(), name="activity_add"),
    path("organizing/assignments/<uuid:pk>/end/", campaigns.AssignmentEnd.as_view(), name="assignment_end"),
    path("organizing/assignments/<uuid:pk>/confirm/", campaigns.AssignmentConfirm.as_view(), name="assignment_confirm"),
    path("organizing/salts/<uuid:pk>/handler/", campaigns.SaltHandler.as_view(), name="salt_handler"),
    path("organizing/salts/<uuid:pk>/end/", campaigns.SaltEnd.as_view(), name="salt_end"),
    path("organizing/salts/<uuid:pk>/name/", campaigns.SaltName.as_view(), name="salt_name"),
    path("organizing/oversight/", oversight.Oversight.as_view(), name="oversight"),
    path("organizing/oversight/open/", oversight.OpenCampaign.as_view(), name="campaign_open"),
    path("organizing/oversight/<uuid:pk>/lead/", oversight.ReplaceLead.as_view(), name="lead_replace"),
    path("organizing/oversight/<uuid:pk>/confirm/", oversight.ConfirmLead.as_view(), name="lead_confirm"),
    path("entries/", activities.EntryList.as_view(), name="entry_list"),
    path("entries/add/", activities.EntryAdd.as_view(), name="entry_add"),
]
