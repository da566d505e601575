#include <algorithm>
#include <array>
#include <vector>

#include "inspect/decrypt/record_decryptor.h"
#include "tests/fuzz/property.h"

/// The first byte chooses suite and version; the rest are records under fixed keys: type, two bytes
/// of length, that many bytes, repeated. Whatever they are, what opens is no longer than what came.
namespace visavis::inspect {
namespace {

using fuzz::property;

struct Choice {
  std::uint16_t suite;
  ProtocolVersion version;
  bool encrypt_then_mac;
};

constexpr std::array kChoices{
    Choice{0x0002, kTls10, false},  // NULL-SHA
    Choice{0x000a, kTls10, false},  // 3DES
    Choice{0x002f, kTls10, false}, Choice{0x002f, kTls11, true},  Choice{0x003d, kTls12, false},
    Choice{0x003d, kTls12, true},  Choice{0x009c, kTls12, false},  // GCM
    Choice{0xc09c, kTls12, false},                                 // CCM
    Choice{0xc0a0, kTls12, false},                                 // CCM_8
    Choice{0xcca8, kTls12, false},                                 // ChaCha20
    Choice{0x1301, kTls13, false}, Choice{0x1303, kTls13, false}, Choice{0x1305, kTls13, false},
};

DirectionKeys fixed_keys(const CipherParameters& cipher) {
  return {Secret(cipher.mac_bytes, 1), Secret(cipher.key_bytes, 2), Secret(16, 3)};
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  if (size == 0) return 0;
  const Choice& choice = kChoices[data[0] % kChoices.size()];
  const auto cipher = cipher_parameters(CipherSuite{choice.suite});
  property(cipher.has_value(), "the suite is known");
  const auto decryptor =
      RecordDecryptor::make(choice.version, *cipher, fixed_keys(*cipher), choice.encrypt_then_mac);
  property(decryptor != nullptr, "the cipher is there");
  const ProtocolVersion wire = std::min(choice.version, kTls12);
  for (Bytes left(data + 1, size - 1); left.size() > 3;) {
    const std::size_t length =
        std::min<std::size_t>(std::size_t{left[1]} << 8 | left[2], left.size() - 3);
    const Bytes fragment = left.subspan(3, length);
    const auto record = decryptor->decrypt(ContentType{left[0]}, wire, fragment);
    if (record) {
      property(record->plaintext.size() <= fragment.size(), "plaintext is no longer");
      const std::uint8_t* begin = record->buffer.data();
      property(record->plaintext.empty() || (record->plaintext.data() >= begin &&
                                             record->plaintext.data() + record->plaintext.size() <=
                                                 begin + record->buffer.size()),
               "it lies in the record's own buffer");
    }
    left = left.subspan(3 + length);
  }
  return 0;
}
