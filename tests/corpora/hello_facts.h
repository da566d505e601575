#pragma once
#include <boost/json.hpp>
#include <span>

#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/server_hello.h"
#include "inspect/handshake/sslv2_server.h"

/// Messages in the words of the truth files.
namespace visavis::corpora {

boost::json::object client_hello_facts(const inspect::ClientHello& hello);
boost::json::object server_hello_facts(const inspect::ServerHello& hello,
                                       inspect::ProtocolVersion record_version,
                                       std::size_t message_length);
boost::json::object sslv2_server_hello_facts(const inspect::Sslv2ServerHello& hello);
boost::json::object certificate_facts(std::span<const std::uint8_t> der);

}  // namespace visavis::corpora
