#include "proxy/wire_bio.h"

#include <openssl/bio.h>

#include <stdexcept>

#include "proxy/wire.h"

namespace visavis::proxy {
namespace {

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int read_ex(BIO* bio, char* data, std::size_t length, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  *count = wire.choked() ? 0 : wire.read({reinterpret_cast<std::uint8_t*>(data), length});
  if (*count > 0) return 1;
  if (wire.choked() || wire.end() == WireEnd::open) BIO_set_retry_read(bio);
  return 0;
}

int write_ex(BIO* bio, const char* data, std::size_t length, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  wire_of(bio).append({reinterpret_cast<const std::uint8_t*>(data), length});
  *count = length;
  return 1;
}

long control(BIO*, int command, long, void*) {
  // BIO_CTRL_EOF is answered 0: told of a FIN, OpenSSL 3 would send a decode_error alert of its own
  // and give up writing, while the other side may still be waited for. The wire knows the FIN.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
  if (method == nullptr) throw std::runtime_error("OpenSSL has no memory for a BIO method");
  BIO_meth_set_read_ex(method, read_ex);
  BIO_meth_set_write_ex(method, write_ex);
  BIO_meth_set_ctrl(method, control);
  return method;
}

}  // namespace

bio_st* make_wire_bio(Wire& wire) {
  static BIO_METHOD* const method = make_method();
  BIO* bio = BIO_new(method);
  if (bio == nullptr) throw std::runtime_error("OpenSSL has no memory for a BIO");
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace visavis::proxy
