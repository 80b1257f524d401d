output "ansible_inventory" {
  description = "Ansible's inventory, which make hosted-deploy reads."
  value = {
    all = {
      children = {
        platform = {
          hosts = {
            (var.name) = merge(local.connection, {
              aws_region         = var.region
              data_volume_device = local.data_device
              backup_bucket      = aws_s3_bucket.private["backups"].id
              backup_dumps       = local.dumps
              backup_mirror      = local.mirror
              proxy_domain       = var.domain_name
              proxy_tls          = local.tls
              proxy_address      = aws_eip.platform.public_ip
            })
          }
        }
      }
    }
  }
}

locals {
  # Who issues public certificates looks at the pages first, from addresses that nobody tells.
  tls = var.domain_name != null && contains(var.allowed_cidrs, "0.0.0.0/0") ? "acme" : "internal"

  # Where Linux finds the volume, whatever number it gets: the ID without its hyphen.
  data_device = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.data.id, "-", "")}"

  connection = length(var.ssh_allowed_cidrs) > 0 ? local.by_ssh : local.by_session_manager
  by_ssh = {
    ansible_connection = "ssh"
    ansible_host       = aws_eip.platform.public_ip
    ansible_user       = local.system.user
  }
  by_session_manager = {
    ansible_connection              = "amazon.aws.aws_ssm"
    ansible_aws_ssm_instance_id     = aws_instance.platform.id
    ansible_aws_ssm_region          = var.region
    ansible_aws_ssm_bucket_name     = aws_s3_bucket.private["transfers"].id
    ansible_aws_ssm_timeout         = 1800 # of one task: packages and images take their time
    ansible_aws_ssm_bucket_sse_mode = "AES256"
  }
}

output "address" {
  description = "The machine's public address, which stays the same when the machine is replaced."
  value       = aws_eip.platform.public_ip
}

output "login" {
  description = "Command that opens a shell on the machine, with the AWS CLI and its Session Manager plugin."
  value       = "aws ssm start-session --region ${var.region} --target ${aws_instance.platform.id}"
}

output "backup_bucket" {
  description = "Bucket that the backups go to."
  value       = aws_s3_bucket.private["backups"].id
}

output "data_volume_id" {
  description = "Volume that databases and files are on."
  value       = aws_ebs_volume.data.id
}
