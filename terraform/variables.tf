# The first three have no default: where data lies, who may look at it, and who hears of its costs
# are decisions. The others suit a small team.

variable "region" {
  description = "AWS region that everything is made in, such as eu-central-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+){1,2}-[1-9]$", var.region))
    error_message = "region \"${var.region}\" is no AWS region: set it to one such as eu-central-1 or us-east-1."
  }
}

variable "allowed_cidrs" {
  description = "IPv4 ranges that may open the pages (ports 443 and 80); [\"0.0.0.0/0\"] is everybody, which public certificates need."
  type        = list(string)

  validation {
    condition     = length(var.allowed_cidrs) > 0
    error_message = "allowed_cidrs is empty, so nobody could open the pages: list at least one range, such as 203.0.113.0/24."
  }

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)])
    error_message = "allowed_cidrs has an entry that is no IPv4 range: write each as its first address and a length, such as 203.0.113.0/24."
  }
}

variable "alert_email" {
  description = "Address that hears when the month costs more than monthly_budget_usd."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email \"${var.alert_email}\" is no e-mail address: set it to one such as platform@example.com."
  }
}

variable "name" {
  description = "What the names of all parts begin with."
  type        = string
  default     = "kpi"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "name \"${var.name}\" cannot begin the name of a bucket: use 2 to 20 small letters, digits and hyphens, a letter first."
  }
}

variable "monthly_budget_usd" {
  description = "What the whole account may cost a month, in US dollars, before alert_email hears of it."
  type        = number
  default     = 100

  validation {
    condition     = var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd is below 1: set it to what a month may cost, such as 100."
  }
}

variable "instance_type" {
  description = "Size of the machine: t3.large (8 GiB) runs the core; m7i.xlarge (16 GiB) runs every profile."
  type        = string
  default     = "t3.large"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type)) && !can(regex("\\.(nano|micro|small|medium)$", var.instance_type))
    error_message = "instance_type \"${var.instance_type}\" is no type, or too small: choose one with at least 8 GiB of memory and 2 vCPUs, such as t3.large."
  }
}

variable "operating_system" {
  description = "debian-13 or ubuntu-24.04; a change replaces the machine and keeps its data."
  type        = string
  default     = "debian-13"

  validation {
    condition     = contains(["debian-13", "ubuntu-24.04"], var.operating_system)
    error_message = "operating_system \"${var.operating_system}\" is not known here: set it to debian-13 or ubuntu-24.04."
  }
}

variable "root_volume_gb" {
  description = "Size of the machine's own volume, for the system, images and logs; it can grow, not shrink."
  type        = number
  default     = 40

  validation {
    condition     = var.root_volume_gb >= 30 && var.root_volume_gb <= 1000 && floor(var.root_volume_gb) == var.root_volume_gb
    error_message = "root_volume_gb does not suit: set it to a whole number from 30, which images need, to 1000."
  }
}

variable "data_volume_gb" {
  description = "Size of the volume for databases and files, which outlives the machine; it can grow, not shrink."
  type        = number
  default     = 50

  validation {
    condition     = var.data_volume_gb >= 20 && var.data_volume_gb <= 16384 && floor(var.data_volume_gb) == var.data_volume_gb
    error_message = "data_volume_gb does not suit: set it to a whole number from 20 to 16384."
  }
}

variable "containers_use_instance_role" {
  description = "Whether containers, too, may act with the machine's role; the backups run outside of them, so they need not."
  type        = bool
  default     = false
}

variable "files_bucket_prefix" {
  description = "What the names of the platform's buckets on S3 begin with (S3_BUCKET_PREFIX): the role may make and use those, and containers may act with it; without, MinIO has the files."
  type        = string
  default     = null

  validation {
    condition     = var.files_bucket_prefix == null || can(regex("^[a-z0-9][a-z0-9-]{2,29}-$", var.files_bucket_prefix))
    error_message = "files_bucket_prefix cannot begin the names of buckets: use 4 to 31 small letters, digits and hyphens, a hyphen last, or leave it out."
  }
}

variable "detailed_monitoring" {
  description = "Whether the machine's metrics come every minute, at extra cost, instead of every five."
  type        = bool
  default     = false
}

variable "backup_retention_days" {
  description = "Days that database dumps, and replaced or deleted versions of files, are kept in the bucket."
  type        = number
  default     = 35

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 3650 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days does not suit: set it to a whole number from 7, a week of nights, to 3650."
  }
}
