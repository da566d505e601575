// What a bundle says of certificates.
#include "inspect/bundle/bundle_texts.h"
#include "inspect/bundle/pem_text.h"
#include "inspect/report/visible_text.h"
#include "inspect/report/text_page.h"

namespace visavis::inspect {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void tell_certificate(const CertificateReport& certificate, std::size_t depth, bool known,
                      TextPage& page) {
  page.paragraph(2, std::to_string(depth) + ": " + certificate.subject);
  page.paragraph(5, "issued by " + certificate.issuer);
  page.paragraph(5, certificate.not_before + " to " + certificate.not_after + ", " +
                        certificate.key + ", " + certificate.signature + ", serial " +
                        certificate.serial);
  if (!certificate.san.empty()) page.paragraph(5, "names: " + joined(certificate.san));
  page.paragraph(5, "SHA-256 " + certificate.sha256 +
                        (known ? "" : "; its bytes are not known, so there is no PEM of it"));
  if (!certificate.problems.empty()) page.paragraph(5, "problems: " + joined(certificate.problems));
}

void tell_verdict(const ChainReport& chain, TextPage& page) {
  page.paragraph(2, chain.trusted ? "verdict: trusted" : "verdict: not trusted");
  for (const ChainProblemReport& problem : chain.problems)
    page.paragraph(5, "certificate " + std::to_string(problem.depth) + ": " + problem.code +
                          (problem.hresult.empty() ? "" : ", Windows " + problem.hresult));
  if (chain.missing_issuer) page.paragraph(5, "missing issuer: " + *chain.missing_issuer);
  if (chain.found_issuer)
    page.paragraph(
        5, "found elsewhere (" + chain.found_issuer->where + "): " + chain.found_issuer->subject);
  for (const StoreReport& store : chain.stores)
    page.paragraph(5, "store " + store.name + ": " + (store.trusted ? "trusted" : "not trusted") +
                          (store.problems.empty() ? "" : ", " + joined(store.problems)));
}

}  // namespace

std::string chain_verdicts(const std::vector<SessionReport>& sessions,
                           const KnownCertificates& certificates) {
  TextPage page({100, false, false});
  for (const SessionReport& session : sessions) {
    for (const LegInBundle& each : legs_in_bundle(session)) {
      if (each.leg->certificates.empty()) continue;
      page.gap();
      page.paragraph(0, each.title);
      std::size_t depth = 0;
      for (const CertificateReport& certificate : each.leg->certificates)
        tell_certificate(certificate, depth++, certificates.find(certificate.sha256) != nullptr,
                         page);
      if (each.leg->chain) tell_verdict(*each.leg->chain, page);
      if (!each.leg->chain) page.paragraph(2, "verdict: this chain was not judged");
    }
  }
  const std::string text = page.take();
  return text.empty() ? "No server's certificate was seen.\n" : text;
}

std::string certificate_file(const LegReport& leg, const KnownCertificates& certificates) {
  std::string text;
  for (std::size_t i = 0; i < leg.certificates.size(); ++i) {
    const CertificateReport& certificate = leg.certificates[i];
    const auto* der = certificates.find(certificate.sha256);
    if (der == nullptr) continue;
    // Text before a block is passed over by whoever reads PEM: RFC 7468 2.
    text += std::to_string(i) + ": " + visible(certificate.subject, TextPage::kMaxText) + "\n" +
            pem_text(*der);
  }
  return text;
}

}  // namespace visavis::inspect
