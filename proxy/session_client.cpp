#include <openssl/ssl.h>

#include <algorithm>

#include "certs/leaf_covers.h"
#include "proxy/answer_shape.h"
#include "proxy/certificate_request.h"
#include "proxy/leaf_choice.h"
#include "proxy/session.h"
#include "proxy/session_facts.h"

// The client's side of a session once the backend has answered: its certificate, its handshake.
namespace visavis::proxy {
namespace {

using inspect::Direction;
using inspect::LegKind;
using inspect::Party;

}  // namespace

/// The certificates that the user gave, those for this name where there are any.
Leaves Session::served_leaves(const std::string& server_name) const {
  Leaves covering;
  for (const auto& leaf : options_.served_certificates)
    if (certs::leaf_covers(*leaf, server_name)) covering.push_back(leaf);
  return covering.empty() ? options_.served_certificates : covering;
}

/// --mirror-faults: what a leaf can repeat of what is wrong with the backend's chain. A chain that
/// is new costs 40 to 400 us.
certs::LeafFaults Session::faults_to_repeat() {
  const auto verdict = backend_chain_verdict();
  const certs::LeafFaults faults = certs::faults_to_repeat(*verdict);
  repeated_faults_ = certs::describe_faults(faults, *verdict);
  if (!verdict->trusted && !faults.any() && !verdict->problems.empty())
    unmirrored(LegKind::client_leg, "certificate fault",
               verdict->problems.front().code + " can't be repeated in a leaf of ours");
  return faults;
}

Task<Leaves> Session::leaves() {
  const inspect::Transcript& client = client_leg_.transcript();
  const inspect::Transcript& backend = backend_leg_.transcript();
  certs::LeafRequest request;
  if (!backend.certificates.empty()) request.backend_certificate_der = backend.certificates.front();
  request.server_name = client.client_hello->sni.value_or("");
  if (request.server_name.empty()) request.address = host_of(listener_address_);
  if (!options_.served_certificates.empty())
    co_return served_leaves(request.server_name.empty() ? request.address : request.server_name);
  if (options_.mirror_faults) request.faults = faults_to_repeat();
  Leaves leaves;
  for (const certs::LeafKey key :
       choose_leaf_keys(*client.client_hello, backend, options_.answer)) {
    request.key = key;
    leaves.push_back(co_await services_.shared.minting.leaf_for(request));
  }
  co_return leaves;
}

Task<bool> Session::shake_hands_with_client() {
  const inspect::Transcript& backend = backend_leg_.transcript();
  const AnswerShape answer =
      options_.answer == AnswerPolicy::mirror ? answer_shape(backend) : AnswerShape{};
  const Leaves shown = co_await leaves();
  SslPtr ssl = services_.contexts.client_ssl(answer, shown, backend.alpn);
  if (capture_) TlsContexts::log_keys(ssl.get(), *capture_->leg(client_leg_));
  // A client is resumed where the backend was: then both legs go without certificates.
  if (options_.resume && backend.resumed) TlsContexts::allow_resumption(ssl.get());
  if (backend.certificate_request)
    ask_for_certificate(ssl.get(), *backend.certificate_request, answer);
  client_wire_.unread(peeked_);
  peeked_ = {};
  begin_phase(options_.handshake_timeout);
  client_tls_.emplace(client_wire_, client_leg_, clock_, std::move(ssl), TlsRole::server, true);
  const bool established = co_await client_tls_->handshake();
  note_client_certificate();
  if (established) co_return true;
  if (deadline_.expired)
    note_timeout(client_leg_, "the client did not finish its handshake within the time-out");
  co_await mirror_client_failure();
  co_return false;
}

/// What the client showed us stays with us: its private key is not ours.
void Session::note_client_certificate() {
  const inspect::Transcript& backend = backend_leg_.transcript();
  if (!backend.certificate_request) return;
  const auto has_any = [](const auto& certificates) {
    return certificates && !certificates->empty();
  };
  const bool client_showed = has_any(client_leg_.transcript().client_certificates);
  const bool we_showed = has_any(backend.client_certificates);
  if (client_showed && we_showed)
    unmirrored(LegKind::backend_leg, "client certificate",
               "the backend was shown the proxy's own (--client-cert) instead of the client's");
  else if (client_showed)
    unmirrored(LegKind::backend_leg, "client certificate",
               "the client's can't be passed on without its private key (--client-cert shows one)");
  else if (we_showed)
    unmirrored(LegKind::backend_leg, "client certificate",
               "the backend was shown the proxy's own (--client-cert), the client showed none");
}

/// The backend's handshake is over: an alert of our choice can't be sent to it any more.
Task<void> Session::mirror_client_failure() {
  const auto& alerts = client_leg_.transcript().alerts;
  const bool refused = std::any_of(alerts.begin(), alerts.end(), [](const auto& alert) {
    return alert.sent_by == Party::client;
  });
  if (refused)
    unmirrored(LegKind::backend_leg, "alert-after-handshake",
               "the client's alert came after the backend's handshake: OpenSSL can't repeat it");
  // Who sends an alert closes at once: its own FIN or RST is what the backend must see.
  if (refused) co_await drain_client();
  if (client_wire_.end() == WireEnd::rst)
    backend_wire_->reset();
  else
    backend_wire_->shutdown_send();
  client_wire_.shutdown_send();
}

}  // namespace visavis::proxy
