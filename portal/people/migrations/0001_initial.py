"""The first table of accounts: local admins, and people who have signed in."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(max_length=150, unique=True, verbose_name='identifier')),
                ('directory', models.CharField(blank=True, max_length=64, verbose_name='directory')),
                ('guid', models.CharField(blank=True, max_length=32, verbose_name='objectGUID')),
                ('name', models.CharField(blank=True, max_length=256, verbose_name='account name')),
                ('display_name', models.CharField(blank=True, max_length=256, verbose_name='name')),
                ('is_staff', models.BooleanField(default=False, verbose_name='staff')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='first seen')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('guid', ''), _negated=True), fields=('directory', 'guid'), name='account_anchor'), models.CheckConstraint(condition=models.Q(models.Q(('directory', ''), ('guid', '')), models.Q(models.Q(('directory', ''), _negated=True), models.Q(('guid', ''), _negated=True)), _connector='OR'), name='account_local_or_anchored')],
            },
        ),
    ]
