locals {
  systems = {
    "debian-13" = {
      owner = "136693071363" # Debian
      image = "debian-13-%s-*"
      user  = "admin"
    }
    "ubuntu-24.04" = {
      owner = "099720109477" # Canonical
      image = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-%s-server-*"
      user  = "ubuntu"
    }
  }
  system       = local.systems[var.operating_system]
  architecture = contains(data.aws_ec2_instance_type.platform.supported_architectures, "x86_64") ? "amd64" : "arm64"
}

data "aws_ec2_instance_type" "platform" {
  instance_type = var.instance_type

  lifecycle {
    postcondition {
      condition     = self.memory_size >= 8192 && self.default_vcpus >= 2
      error_message = "${var.instance_type} is too small: choose an instance_type with at least 8 GiB of memory and 2 vCPUs, such as t3.large."
    }
  }
}

data "aws_ami" "platform" {
  owners      = [local.system.owner]
  most_recent = true

  filter {
    name   = "name"
    values = [format(local.system.image, local.architecture)]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

resource "aws_key_pair" "ssh" {
  count = var.ssh_public_key == null ? 0 : 1

  key_name_prefix = "${var.name}-"
  public_key      = var.ssh_public_key
}

# Another system is another machine; a newer image of the same one is not.
resource "terraform_data" "operating_system" {
  input = var.operating_system
}

resource "aws_instance" "platform" {
  # checkov:skip=CKV_AWS_126:Whether metrics every minute are worth their price is detailed_monitoring.
  ami                    = data.aws_ami.platform.id
  instance_type          = var.instance_type
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.platform.id]
  iam_instance_profile   = aws_iam_instance_profile.platform.name
  key_name               = one(aws_key_pair.ssh[*].key_name)
  monitoring             = var.detailed_monitoring
  ebs_optimized          = true

  user_data = templatefile("${path.module}/first_boot.sh.tftpl", {
    region       = var.region
    suffix       = data.aws_partition.current.dns_suffix
    architecture = local.architecture
    agent        = var.operating_system == "debian-13"
  })

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # A container is one hop further away than the machine: with 1 none gets the machine's role.
    http_put_response_hop_limit = var.containers_use_instance_role || var.files_bucket_prefix != null ? 2 : 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = var.root_volume_gb
    encrypted   = true
    tags        = { Name = "${var.name}-root" }
  }

  tags = { Name = var.name }

  lifecycle {
    # Updates come from the system's own packages; what ran at first boot has run.
    ignore_changes       = [ami, user_data]
    replace_triggered_by = [terraform_data.operating_system]
  }
}
