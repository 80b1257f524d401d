variable "vpc_cidr" {
  description = "Private IPv4 range of the network, from /16 to /24; it matters only when networks are connected."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr \"${var.vpc_cidr}\" does not suit: set it to an IPv4 range from /16 to /24, such as 10.20.0.0/16."
  }
}

variable "ssh_allowed_cidrs" {
  description = "IPv4 ranges that may log in by SSH, /16 or smaller; with none, Session Manager is the only way in."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.ssh_allowed_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0] && tonumber(split("/", cidr)[1]) >= 16, false)])
    error_message = "ssh_allowed_cidrs has an entry that opens SSH too far, as 0.0.0.0/0 and ::/0 would, or is no IPv4 range: list the addresses you log in from, such as 203.0.113.7/32."
  }
}

variable "ssh_public_key" {
  description = "Public key (ssh-ed25519 or ssh-rsa) that may log in by SSH, needed with ssh_allowed_cidrs; a change replaces the machine and keeps its data."
  type        = string
  default     = null

  validation {
    condition     = var.ssh_public_key == null || can(regex("^ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( .*)?$", var.ssh_public_key))
    error_message = "ssh_public_key is no public key that AWS takes: set it to the one line of a file such as ~/.ssh/id_ed25519.pub."
  }

  validation {
    condition     = var.ssh_public_key != null || length(var.ssh_allowed_cidrs) == 0
    error_message = "ssh_allowed_cidrs opens SSH and nobody has a key: set ssh_public_key to the line of a file such as ~/.ssh/id_ed25519.pub."
  }
}

variable "domain_name" {
  description = "Name that the pages are opened under, such as kpi.example.com; without one it is the machine's address."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name does not look like one: write it in small letters without https://, such as kpi.example.com."
  }
}

variable "route53_zone_id" {
  description = "ID of the Route 53 zone that domain_name and the names below it are written into; without one, write them yourself."
  type        = string
  default     = null

  validation {
    condition     = var.route53_zone_id == null || can(regex("^Z[A-Z0-9]{1,31}$", var.route53_zone_id))
    error_message = "route53_zone_id does not look like a zone's ID: copy it from `aws route53 list-hosted-zones`, without /hostedzone/."
  }

  validation {
    condition     = var.route53_zone_id == null || var.domain_name != null
    error_message = "route53_zone_id is set and domain_name is not: set domain_name to the name that is to lead to the machine."
  }
}
