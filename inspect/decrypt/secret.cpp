#include "inspect/decrypt/secret.h"

#include <openssl/crypto.h>

namespace visavis::inspect {

void cleanse(void* memory, std::size_t bytes) noexcept { OPENSSL_cleanse(memory, bytes); }

}  // namespace visavis::inspect
