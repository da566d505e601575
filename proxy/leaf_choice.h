#pragma once
#include <memory>
#include <string>
#include <vector>

#include "certs/leaf_cache.h"
#include "inspect/transcript/transcript.h"
#include "proxy/mirror_policy.h"

namespace visavis::proxy {

/// choose_leaf_keys says which key types the client leg needs: the one of the backend's suite (up
/// to TLS 1.2), or of the backend's certificate where the client can verify it (TLS 1.3); with
/// AnswerPolicy::own one of each. Never empty.
std::vector<certs::LeafKey> choose_leaf_keys(const inspect::ClientHello& hello,
                                             const inspect::Transcript& backend_leg,
                                             AnswerPolicy policy);

}  // namespace visavis::proxy
