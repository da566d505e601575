#include "tools/trust_help.h"

namespace visavis::tools {

std::string trust_help(const std::string& ca_file) {
  return "clients must trust this CA:\n"
         "  curl     curl --cacert " +
         ca_file +
         " https://...\n"
         "  Java     keytool -importcert -noprompt -alias visavis -storepass changeit -cacerts "
         "-file " +
         ca_file +
         "\n"
         "  Windows  certutil -addstore Root " +
         ca_file +
         "   (as administrator)\n"
         "  Firefox  Settings > Privacy & Security > Certificates > View Certificates > "
         "Authorities > "
         "Import\n";
}

}  // namespace visavis::tools
