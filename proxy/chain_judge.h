#pragma once
#include <functional>

struct ssl_st;
struct x509_store_ctx_st;

namespace visavis::proxy {

/// ChainJudge returns one of OpenSSL's verification codes for the chain that the peer just sent:
/// X509_V_OK lets the handshake go on, anything else ends it with the alert that fits.
using ChainJudge = std::function<int()>;

/// judge_chain_by makes the handshake of a leg's TLS client depend on `judge`, which is called once
/// when the chain has come.
void judge_chain_by(ssl_st* ssl, ChainJudge judge);

/// ask_chain_judge is the contexts' verification callback (SSL_CTX_set_cert_verify_callback): the
/// judge's word, or yes where there is none. Certificates are looked at apart (certs/chain_check).
int ask_chain_judge(x509_store_ctx_st* store_context, void* unused);

}  // namespace visavis::proxy
