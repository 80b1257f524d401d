-- What the server keeps instead of a password: the password itself would reach its log.
ALTER ROLE {role} PASSWORD {verifier}
