#pragma once

namespace visavis::proxy {

/// HelloPolicy is what the backend leg offers: what the client offers, or OpenSSL's own hello.
enum class HelloPolicy { mirror, openssl_default };

/// AnswerPolicy is what the client leg answers: what the backend answered, or the best of both.
enum class AnswerPolicy { mirror, own };

}  // namespace visavis::proxy
