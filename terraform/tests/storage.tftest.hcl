# Buckets, what disappears from them, the inventory and the budget.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region        = "eu-central-1"
  allowed_cidrs = ["203.0.113.0/24"]
  alert_email   = "platform@example.com"
}

run "no_bucket_is_public" {
  command = plan

  assert {
    condition     = keys(aws_s3_bucket_public_access_block.private) == keys(aws_s3_bucket.private)
    error_message = "A bucket has no block against public access."
  }

  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.private : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "A bucket can be made public."
  }

  assert {
    condition     = keys(aws_s3_bucket_ownership_controls.private) == keys(aws_s3_bucket.private) && alltrue([for controls in aws_s3_bucket_ownership_controls.private : controls.rule[0].object_ownership == "BucketOwnerEnforced"])
    error_message = "A file in a bucket may belong to somebody else."
  }
}

run "buckets_are_encrypted_at_rest_and_on_the_way" {
  command = plan

  assert {
    condition     = keys(aws_s3_bucket_server_side_encryption_configuration.private) == keys(aws_s3_bucket.private) && alltrue([for encryption in aws_s3_bucket_server_side_encryption_configuration.private : alltrue([for rule in encryption.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"])])
    error_message = "A bucket is not encrypted."
  }

  assert {
    condition     = keys(aws_s3_bucket_policy.tls_only) == keys(aws_s3_bucket.private)
    error_message = "A bucket answers unencrypted connections."
  }

  assert {
    condition = alltrue([for policy in aws_s3_bucket_policy.tls_only : [for statement in jsondecode(policy.policy).Statement : [statement.Effect, statement.Principal, statement.Action, statement.Condition]] == [
      ["Deny", "*", "s3:*", { Bool = { "aws:SecureTransport" = "false" } }],
      ["Deny", "*", "s3:*", { NumericLessThan = { "s3:TlsVersion" = "1.2" } }],
    ]])
    error_message = "A bucket's policy allows something, or lets unencrypted connections through."
  }

  assert {
    condition     = alltrue([for policy in aws_s3_bucket_policy.tls_only : alltrue([for statement in jsondecode(policy.policy).Statement : toset(statement.Resource) == toset(["arn:aws:s3:::kpi-bucket", "arn:aws:s3:::kpi-bucket/*"])])])
    error_message = "A bucket's policy leaves out the bucket or its files."
  }
}

run "backups_keep_versions_and_transfers_do_not" {
  command = plan

  assert {
    condition     = { for name, versioning in aws_s3_bucket_versioning.private : name => versioning.versioning_configuration[0].status } == { backups = "Enabled", transfers = "Disabled" }
    error_message = "Backups can be overwritten, or passwords in transfers are kept."
  }

  assert {
    condition     = !anytrue([for bucket in aws_s3_bucket.private : bucket.force_destroy])
    error_message = "Backups go with `terraform destroy`."
  }
}

run "backups_disappear_in_time" {
  command = plan

  variables {
    backup_retention_days = 14
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.backups.rule : [rule.id, rule.filter[0].prefix, rule.expiration[0].days] if length(rule.expiration) > 0] == [["old-dumps", "postgres/", 14]]
    error_message = "Something other than old dumps is deleted by age."
  }

  assert {
    condition     = flatten(aws_s3_bucket_lifecycle_configuration.backups.rule[*].noncurrent_version_expiration[*].noncurrent_days) == [14]
    error_message = "Replaced versions are kept for another time."
  }

  assert {
    condition     = flatten(aws_s3_bucket_lifecycle_configuration.transfers.rule[*].expiration[*].days) == [1]
    error_message = "What Ansible forgot stays longer than a day."
  }

  assert {
    condition     = alltrue([for rule in concat(aws_s3_bucket_lifecycle_configuration.backups.rule, aws_s3_bucket_lifecycle_configuration.transfers.rule) : rule.status == "Enabled"])
    error_message = "A rule is switched off."
  }
}

run "the_inventory_is_complete" {
  command = plan

  assert {
    condition     = output.ansible_inventory.all.children.platform.hosts.kpi.ansible_connection == "amazon.aws.aws_ssm" && output.ansible_inventory.all.children.platform.hosts.kpi.data_volume_device == "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
    error_message = "Ansible does not find the machine, or the data volume."
  }
}

run "certificates_are_public_where_everybody_may_look" {
  command = plan

  variables {
    allowed_cidrs = ["203.0.113.0/24", "0.0.0.0/0"]
    domain_name   = "kpi.example.com"
  }

  assert {
    condition     = output.ansible_inventory.all.children.platform.hosts.kpi.proxy_tls == "acme"
    error_message = "A name that everybody can open gets no public certificate."
  }
}

run "certificates_are_of_its_own_without_a_name" {
  command = plan

  variables {
    allowed_cidrs = ["0.0.0.0/0"]
  }

  assert {
    condition     = output.ansible_inventory.all.children.platform.hosts.kpi.proxy_tls == "internal"
    error_message = "A public certificate is asked for without a name."
  }
}

run "certificates_are_of_its_own_where_few_may_look" {
  command = plan

  variables {
    domain_name = "kpi.example.com"
  }

  assert {
    condition     = output.ansible_inventory.all.children.platform.hosts.kpi.proxy_tls == "internal"
    error_message = "A public certificate is asked for from somebody who cannot look at the pages."
  }
}

run "the_budget_writes_mails" {
  command = plan

  assert {
    condition     = { for notification in aws_budgets_budget.monthly.notification : notification.notification_type => [notification.threshold, notification.subscriber_email_addresses] } == { ACTUAL = [80, toset(["platform@example.com"])], FORECASTED = [100, toset(["platform@example.com"])] }
    error_message = "Nobody hears when the month becomes dear."
  }

  assert {
    condition     = tonumber(aws_budgets_budget.monthly.limit_amount) == 100 && aws_budgets_budget.monthly.time_unit == "MONTHLY"
    error_message = "The budget is not what monthly_budget_usd says."
  }
}
