# The machine, its volumes and what it may do.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region        = "eu-central-1"
  allowed_cidrs = ["203.0.113.0/24"]
  alert_email   = "platform@example.com"
}

run "the_role_stays_with_the_machine" {
  command = plan

  assert {
    condition     = aws_instance.platform.metadata_options[0].http_tokens == "required" && aws_instance.platform.metadata_options[0].http_endpoint == "enabled"
    error_message = "Whoever can make the machine fetch a page gets its role."
  }

  assert {
    condition     = aws_instance.platform.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Containers get the machine's role, and nobody asked for it."
  }
}

run "containers_get_the_role_when_asked_for" {
  command = plan

  variables {
    containers_use_instance_role = true
  }

  assert {
    condition     = aws_instance.platform.metadata_options[0].http_put_response_hop_limit == 2 && aws_instance.platform.metadata_options[0].http_tokens == "required"
    error_message = "Containers do not get the machine's role, or get it without a token."
  }
}

run "the_role_has_the_platforms_buckets_and_no_others" {
  command = plan

  variables {
    files_bucket_prefix = "acme-kpi-"
  }

  assert {
    condition     = aws_instance.platform.metadata_options[0].http_put_response_hop_limit == 2
    error_message = "Containers do not get the role that they ask the buckets by."
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.files[0].policy).Statement[0].Resource) == toset([for name in ["airflow-logs", "ge-artifacts", "kpi-runs", "mlflow-artifacts"] : "arn:aws:s3:::acme-kpi-${name}"])
    error_message = "The role may use other buckets than those of the platform, or lacks one."
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.files[0].policy).Statement[1].Resource) == toset([for bucket in jsondecode(aws_iam_role_policy.files[0].policy).Statement[0].Resource : "${bucket}/*"])
    error_message = "The role may use files of other buckets, or lacks those of one."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.files[0].policy).Statement : statement.Action if statement.Resource == "*"] == ["s3:ListAllMyBuckets"]
    error_message = "The role may do more to every bucket than list their names."
  }
}

run "without_buckets_on_s3_the_role_has_none" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.files) == 0
    error_message = "The role may use buckets that nobody asked for."
  }
}

run "volumes_are_encrypted_and_data_has_its_own" {
  command = plan

  assert {
    condition     = aws_instance.platform.root_block_device[0].encrypted && aws_instance.platform.root_block_device[0].volume_type == "gp3"
    error_message = "The machine's own volume is not encrypted, or not gp3."
  }

  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.type == "gp3" && aws_ebs_volume.data.size == 50
    error_message = "The data volume is not encrypted, not gp3, or not of the named size."
  }

  assert {
    condition     = length(aws_instance.platform.ebs_block_device) == 0
    error_message = "A volume of the machine dies with it."
  }

  assert {
    condition     = aws_volume_attachment.data.volume_id == aws_ebs_volume.data.id && aws_volume_attachment.data.stop_instance_before_detaching
    error_message = "The data volume is not attached, or is pulled from under a running machine."
  }

  assert {
    condition     = aws_ebs_volume.data.availability_zone == aws_subnet.public.availability_zone
    error_message = "The data volume is where the machine cannot reach it."
  }
}

run "the_role_has_least_rights" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.session_manager.policy).Statement == [{
      Effect = "Allow"
      Action = [
        "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
      ]
      Resource = "*"
    }]
    error_message = "The role may do more than answer Session Manager."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.backups.policy).Statement : alltrue([for resource in flatten([statement.Resource]) : startswith(resource, aws_s3_bucket.private["backups"].arn)])])
    error_message = "The role reaches another bucket."
  }

  assert {
    condition     = toset([for statement in jsondecode(aws_iam_role_policy.backups.policy).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:DeleteObject")]) == toset(["${aws_s3_bucket.private["backups"].arn}/files/*"])
    error_message = "The role may delete more than mirrored files."
  }

  assert {
    condition     = !anytrue([for action in flatten(jsondecode(aws_iam_role_policy.backups.policy).Statement[*].Action) : strcontains(action, "*") || strcontains(action, "Version") || strcontains(action, "Delete") && action != "s3:DeleteObject"])
    error_message = "The role may delete versions, or everything."
  }

  assert {
    condition     = jsondecode(aws_iam_role.platform.assume_role_policy).Statement[*].Principal == [{ Service = "ec2.amazonaws.com" }]
    error_message = "Somebody other than a machine may take the role."
  }
}

run "debian_gets_the_agent_of_session_manager" {
  command = plan

  assert {
    condition     = data.aws_ami.platform.owners == tolist(["136693071363"]) && contains(flatten(data.aws_ami.platform.filter[*].values), "debian-13-amd64-*")
    error_message = "The image is not Debian's own."
  }

  assert {
    condition     = strcontains(aws_instance.platform.user_data, "https://s3.eu-central-1.amazonaws.com/amazon-ssm-eu-central-1/latest/debian_amd64/")
    error_message = "Debian has no agent of its own, and none is installed."
  }
}

run "ubuntu_has_the_agent" {
  command = plan

  variables {
    operating_system  = "ubuntu-24.04"
    ssh_allowed_cidrs = ["203.0.113.7/32"]
    ssh_public_key    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"
  }

  assert {
    condition     = data.aws_ami.platform.owners == tolist(["099720109477"]) && !strcontains(aws_instance.platform.user_data, "amazon-ssm")
    error_message = "The image is not Canonical's own, or gets a second agent."
  }

  assert {
    condition     = output.ansible_inventory.all.children.platform.hosts.kpi.ansible_user == "ubuntu"
    error_message = "Ansible logs in as a user of another system."
  }
}

run "an_arm_machine_gets_an_image_for_it" {
  command = plan

  variables {
    instance_type = "t4g.large"
  }

  override_data {
    target = data.aws_ec2_instance_type.platform
    values = { memory_size = 8192, default_vcpus = 2, supported_architectures = ["arm64"] }
  }

  assert {
    condition     = contains(flatten(data.aws_ami.platform.filter[*].values), "debian-13-arm64-*") && strcontains(aws_instance.platform.user_data, "debian_arm64")
    error_message = "The image, or the agent, is for another processor."
  }
}
