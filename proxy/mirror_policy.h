#pragma once

namespace visavis::proxy {

/// HelloPolicy is what the backend leg offers: what the client offers, or OpenSSL's own hello.
enum class HelloPolicy { mirror, openssl_default };

/// AnswerPolicy is what the client leg answers: what the backend answered, or the best of both.
enum class AnswerPolicy { mirror, own };

/// Mode is what the proxy does with a connection: end the TLS on both legs, or pass the bytes on
/// untouched and read what is in clear.
enum class Mode { terminate, passthrough };

/// VerifyPolicy is what a chain that we do not trust leads to: a report, or no connection.
enum class VerifyPolicy { report, enforce };

}  // namespace visavis::proxy
