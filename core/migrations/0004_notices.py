import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db.migrating import MakesTables


class Migration(MakesTables):

    dependencies = [
        ('core', '0003_kept_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticedEvent',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='core.auditevent')),
                ('retry_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'noticed event',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30)),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.CharField(max_length=64)),
                ('reference', models.CharField(blank=True, max_length=20)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('awaits_digest', models.BooleanField(default=False)),
                ('sort_key', models.CharField(editable=False, max_length=30)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.auditevent')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notice',
                'default_permissions': (),
                'indexes': [models.Index(fields=['user', 'sort_key', 'id'], name='notice_sort'), models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notice_unread'), models.Index(condition=models.Q(('awaits_digest', True)), fields=['user'], name='notice_digest'), models.Index(condition=models.Q(('read_at', None)), fields=['subject_id'], name='notice_subject'), models.Index(fields=['at'], name='notice_at')],
                'constraints': [models.UniqueConstraint(fields=('user', 'event'), name='notice_once')],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('way', models.CharField(choices=[('at_once', 'A mail at once'), ('digest', 'In one mail a day'), ('none', 'No mail')], max_length=7)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'choice of notices',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='notice_choice_once')],
            },
        ),
    ]
