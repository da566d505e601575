#pragma once
#include "inspect/handshake/certificate_request.h"
#include "proxy/answer_shape.h"

struct ssl_st;

namespace visavis::proxy {

/// ask_for_certificate makes a client leg ask its client for a certificate as the backend asked us:
/// the same issuer names, certificate types and signature schemes. Any certificate is accepted, and
/// none too: it is recorded, not judged, since it can't be passed on. RFC 8446 4.3.2, RFC
/// 5246 7.4.4.
void ask_for_certificate(ssl_st* ssl, const inspect::CertificateRequest& request,
                         const AnswerShape& answer);

}  // namespace visavis::proxy
