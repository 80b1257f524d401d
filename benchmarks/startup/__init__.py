"""What commands cost until they have done their work, beside another commit's."""
