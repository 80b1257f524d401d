-- The verifier that the server stores: a plain password would appear in its log.
ALTER ROLE {role} PASSWORD {verifier}
