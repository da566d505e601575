#pragma once
#include <optional>
#include <string>

#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// key_proof tells whether the server of a leg that failed signed its key exchange with the key of
/// the certificate that it sent: valid, invalid (by another key, or damaged), wrong-key (the
/// certificate's key is of a kind that can't sign so), not-checked (a scheme that is not known
/// here, a certificate that can't be read, or more than is kept). Nothing where nothing was signed,
/// or where the leg was established, for then its client took the signature. In TLS 1.3 the
/// signature is over the whole handshake: there it is our own library's word, and of nobody else's.
/// Source: RFC 5246 7.4.3, RFC 8446 4.4.3.
std::optional<std::string> key_proof(const Transcript& transcript);

}  // namespace visavis::inspect
