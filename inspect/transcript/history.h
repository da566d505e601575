#pragma once
#include "inspect/codepoint/handshake_type.h"

namespace visavis::inspect {

/// history_letter is the letter of a handshake message in a leg's history: the handshake in ten
/// characters of a log. Letters of the leg's TLS client are upper case, its server's lower case.
/// H HelloRequest, C ClientHello, S ServerHello, J HelloRetryRequest, T NewSessionTicket,
/// E EndOfEarlyData, O EncryptedExtensions, X Certificate (compressed, too), K ServerKeyExchange,
/// R CertificateRequest, N ServerHelloDone, Y CertificateVerify, G ClientKeyExchange, F Finished,
/// W CertificateUrl, U CertificateStatus, A SupplementalData, P KeyUpdate, I ChangeCipherSpec,
/// D the first application data, L alert, Q anything else; the close ends it: "." close_notify,
/// "|" FIN, "!" RST, "~" timeout. Letters as Zeek's ssl_history uses them.
constexpr char history_letter(HandshakeType type) {
  switch (type.value) {
    case 0:
      return 'H';
    case 1:
      return 'C';
    case 2:
      return 'S';
    case 4:
      return 'T';
    case 5:
      return 'E';
    case 6:
      return 'J';
    case 8:
      return 'O';
    case 11:
    case 25:
      return 'X';
    case 12:
      return 'K';
    case 13:
      return 'R';
    case 14:
      return 'N';
    case 15:
      return 'Y';
    case 16:
      return 'G';
    case 20:
      return 'F';
    case 21:
      return 'W';
    case 22:
      return 'U';
    case 23:
      return 'A';
    case 24:
      return 'P';
    default:
      return 'Q';
  }
}
inline constexpr char kHelloRetryLetter = 'J';
inline constexpr char kChangeCipherSpecLetter = 'I';
inline constexpr char kApplicationDataLetter = 'D';
inline constexpr char kAlertLetter = 'L';

}  // namespace visavis::inspect
