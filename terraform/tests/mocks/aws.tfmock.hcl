# What AWS answers in tests; everything else is made up by Terraform.

mock_data "aws_ec2_instance_type" {
  defaults = {
    memory_size             = 8192
    default_vcpus           = 2
    supported_architectures = ["x86_64"]
  }
}

mock_data "aws_ec2_instance_type_offerings" {
  defaults = {
    locations = ["eu-central-1b", "eu-central-1a"]
  }
}

mock_data "aws_partition" {
  defaults = {
    partition  = "aws"
    dns_suffix = "amazonaws.com"
  }
}

mock_resource "aws_ebs_volume" {
  defaults = {
    id = "vol-0123456789abcdef0"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    id  = "kpi-bucket"
    arn = "arn:aws:s3:::kpi-bucket"
  }
}

mock_resource "aws_eip" {
  defaults = {
    public_ip = "192.0.2.10"
  }
}

mock_resource "aws_security_group" {
  defaults = {
    id = "sg-0123456789abcdef0"
  }
}
