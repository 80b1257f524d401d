# One virtual machine that runs the platform in containers of ../compose. What Ansible needs to
# know of it is in outputs.tf. No password is made here, so none is in the state: the machine
# generates its own when the platform starts for the first time.

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project   = var.name
      ManagedBy = "terraform"
    }
  }
}

data "aws_partition" "current" {}

# Mail when the account's month costs more than expected: before it does, if it can be foreseen.
resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = format("%.1f", var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      comparison_operator        = "GREATER_THAN"
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = [var.alert_email]
    }
  }
}

# The domain itself, and the names below it: one for each service with pages.
resource "aws_route53_record" "platform" {
  for_each = toset(var.route53_zone_id == null ? [] : [var.domain_name, "*.${var.domain_name}"])

  zone_id = var.route53_zone_id
  name    = each.value
  type    = "A"
  ttl     = 300
  records = [aws_eip.platform.public_ip]
}
