#include "inspect/codepoint/client_certificate_type.h"

namespace visavis::inspect {

std::string_view known_name(ClientCertificateType point) {
  switch (point.value) {
    case 1:
      return "rsa_sign";
    case 2:
      return "dss_sign";
    case 3:
      return "rsa_fixed_dh";
    case 4:
      return "dss_fixed_dh";
    case 5:
      return "rsa_ephemeral_dh_RESERVED";
    case 6:
      return "dss_ephemeral_dh_RESERVED";
    case 20:
      return "fortezza_dms_RESERVED";
    case 64:
      return "ecdsa_sign";
    case 65:
      return "rsa_fixed_ecdh";
    case 66:
      return "ecdsa_fixed_ecdh";
    case 67:
      return "gost_sign256";
    case 68:
      return "gost_sign512";
    default:
      return {};
  }
}

}  // namespace visavis::inspect
