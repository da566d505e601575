#include "proxy/answer_shape.h"

namespace visavis::proxy {

AnswerShape answer_shape(const inspect::Transcript& backend_leg) {
  AnswerShape shape;
  if (!backend_leg.server_hello) return shape;
  const inspect::ServerHello& hello = *backend_leg.server_hello;
  shape.version = hello.version().value;
  shape.suite = hello.cipher.value;
  if (backend_leg.group) shape.group = backend_leg.group->value;
  shape.extended_master_secret = hello.has(inspect::kExtendedMasterSecret);
  shape.encrypt_then_mac = hello.has(inspect::kEncryptThenMac);
  return shape;
}

}  // namespace visavis::proxy
