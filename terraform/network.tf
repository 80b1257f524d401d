resource "aws_vpc" "platform" {
  # checkov:skip=CKV2_AWS_11:Flow logs cost by the gigabyte, and a lone machine has nobody who reads them.
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Every network has one that lets its members talk: without rules, nothing uses it by mistake.
resource "aws_default_security_group" "unused" {
  vpc_id = aws_vpc.platform.id
}

resource "aws_internet_gateway" "platform" {
  vpc_id = aws_vpc.platform.id

  tags = { Name = var.name }
}

# Not every zone of a region has every type of instance.
data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"

  filter {
    name   = "instance-type"
    values = [var.instance_type]
  }

  lifecycle {
    postcondition {
      condition     = length(self.locations) > 0
      error_message = "Region ${var.region} has no ${var.instance_type}: choose another instance_type or region."
    }
  }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.platform.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 24 - tonumber(split("/", var.vpc_cidr)[1]), 0)
  availability_zone = sort(data.aws_ec2_instance_type_offerings.zones.locations)[0]

  tags = { Name = "${var.name}-public" }

  lifecycle {
    # A zone that is new in the list must not move the machine away from its data.
    ignore_changes = [availability_zone]
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.platform.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.platform.id
  }

  tags = { Name = "${var.name}-public" }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "platform" {
  name        = "${var.name}-platform"
  description = "Web pages in, updates and images out"
  vpc_id      = aws_vpc.platform.id

  tags = { Name = "${var.name}-platform" }
}

locals {
  # Port 80 answers certificate authorities, and sends everybody else to 443.
  openings = merge(
    { for pair in setproduct([443, 80], var.allowed_cidrs) :
    "${pair[0]} from ${pair[1]}" => { port = pair[0], cidr = pair[1], why = "Web pages" } },
    { for cidr in var.ssh_allowed_cidrs :
    "22 from ${cidr}" => { port = 22, cidr = cidr, why = "SSH" } },
  )
}

resource "aws_vpc_security_group_ingress_rule" "open" {
  for_each = local.openings

  security_group_id = aws_security_group.platform.id
  description       = each.value.why
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

# Names and time come from the network itself, which no rule has to allow.
resource "aws_vpc_security_group_egress_rule" "web" {
  for_each = { https = 443, http = 80 }

  security_group_id = aws_security_group.platform.id
  description       = "Packages, images, AWS and certificate authorities"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

# Stays the same when the machine is replaced.
resource "aws_eip" "platform" {
  domain = "vpc"

  tags = { Name = var.name }

  depends_on = [aws_internet_gateway.platform]
}

resource "aws_eip_association" "platform" {
  allocation_id = aws_eip.platform.id
  instance_id   = aws_instance.platform.id
}
