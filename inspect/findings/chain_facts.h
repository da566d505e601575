#pragma once
#include <optional>
#include <vector>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// judged_chain is the backend's side of the session, where its chain was seen and judged; else
/// false.
LegSide judged_chain(const SessionReport& session);

/// chain_problem returns the main store's first objection with this code (X509_V_ERR_...), or null.
const ChainProblemReport* chain_problem(const LegReport& leg, std::string_view code);

/// has_word tells whether the certificate has this problem (the words of certs/chain_verdict.h).
bool has_word(const CertificateReport& certificate, std::string_view word);

/// is_in_path is true for a certificate that a chain of signatures leads to from the leaf. What is
/// sent beside that is no error: clients ignore it (RFC 8446 4.4.2).
bool is_in_path(const CertificateReport& certificate);

/// path_with lists the positions, as sent, of the certificates in the path that have this problem.
std::vector<std::size_t> path_with(const LegReport& leg, std::string_view word);
/// path_length counts the certificates in the path that were sent.
std::size_t path_length(const LegReport& leg);

/// chain_end is the certificate in the path whose issuer is missing; the last one in the path where
/// none is.
const CertificateReport& chain_end(const LegReport& leg);

/// certificate_words is "the backend's own certificate 'CN=...'", "the issuer's certificate
/// 'CN=...' (sent at position 2)".
std::string certificate_words(const LegReport& leg, std::size_t position);

/// list_certificates puts several of them into words, the first of them named, the rest counted.
std::string list_certificates(const LegReport& leg, const std::vector<std::size_t>& positions);

/// leaf_is_fine is " The backend's own certificate is fine." where nothing is wrong with it and
/// `positions` has only others; else empty. Tools that name no depth send people to renew a leaf
/// that needs it not.
std::string leaf_is_fine(const LegReport& leg, const std::vector<std::size_t>& positions);

/// describe_objection says whose certificate a word or code is about: list_certificates, or, where
/// none of those sent has the word, "a certificate of the trust store".
std::string describe_objection(const LegReport& leg, const std::vector<std::size_t>& positions);

/// is_unreadable is true for a certificate that could not be read, or not whole.
bool is_unreadable(const CertificateReport& certificate);

/// lacks_root is true when the chain's end, whose issuer is missing, is more likely to lack a root
/// that we don't know than an intermediate certificate that the backend forgot. Nobody can see
/// that: the issuer's name tells where it says what it is; otherwise a backend that sends issuers
/// at all will have sent them all.
bool lacks_root(const LegReport& leg);

/// chain_finding begins a finding on the backend's chain: an error of the backend's, proven by our
/// own check, with the Certificate message as evidence, and the client's alert about it, too.
FindingReport chain_finding(const LegSide& side);

/// client_objected is true where the client refused the backend's certificate with an alert of its
/// own: only on a direct leg, for where we end the TLS it judges ours.
bool client_objected(const LegSide& side);

/// confirm makes a finding the client's own words when its alert names exactly this cause.
void confirm(FindingReport& finding, const LegSide& side, std::uint32_t alert);

/// raise_if_refused makes a warning an error where the client that was there is one of those that
/// refuse, with an alert about the certificate, and nothing else is wrong with the chain.
void raise_if_refused(FindingReport& finding, const LegSide& side);

/// other_stores says which of the other stores trust the chain: " The store 'x' trusts it."; empty
/// when none does.
std::string other_stores(const LegReport& leg);

}  // namespace visavis::inspect
