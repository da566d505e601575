#include "proxy/chain_judge.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

namespace visavis::proxy {
namespace {

void free_judge(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<ChainJudge*>(data);
}

int judge_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, free_judge);
  return index;
}

}  // namespace

void judge_chain_by(ssl_st* ssl, ChainJudge judge) {
  SSL_set_ex_data(ssl, judge_index(), new ChainJudge(std::move(judge)));
  // Without it OpenSSL's clients don't care for the answer.
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
}

int ask_chain_judge(x509_store_ctx_st* store_context, void* /*unused*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* judge = static_cast<const ChainJudge*>(SSL_get_ex_data(ssl, judge_index()));
  const int code = judge != nullptr ? (*judge)() : X509_V_OK;
  X509_STORE_CTX_set_error(store_context, code);
  return code == X509_V_OK ? 1 : 0;
}

}  // namespace visavis::proxy
