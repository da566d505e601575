#include <benchmark/benchmark.h>

#include <string>

#include "certs/authority.h"
#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/leaf_cache.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using visavis::testing::kNow;
using visavis::testing::make_chain;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestChain;

struct Judged {
  TestChain chain = make_chain();
  TrustStores stores{SystemStore::skip};
  Judged() { stores.add_certificate(chain.root.certificate()); }
};

void check_chain_new(benchmark::State& state) {
  const Judged judged;
  for (auto _ : state) {
    ChainCheck check(judged.stores, 1);
    benchmark::DoNotOptimize(check.check(judged.chain.sent(), "www.example.com", kNow));
  }
}
BENCHMARK(check_chain_new);

void check_chain_cached(benchmark::State& state) {
  const Judged judged;
  ChainCheck check(judged.stores);
  const auto sent = judged.chain.sent();
  for (auto _ : state) benchmark::DoNotOptimize(check.check(sent, "www.example.com", kNow));
}
BENCHMARK(check_chain_cached);

void mint_leaf(benchmark::State& state, LeafKey key) {
  const TemporaryDirectory folder;
  LeafMinter minter(Authority::open(folder.path() / "ca"));
  minter.prepare_keys();
  const TestChain chain = make_chain();
  for (auto _ : state)
    benchmark::DoNotOptimize(minter.mint({chain.leaf.der(), "www.example.com", "", key}));
}
BENCHMARK_CAPTURE(mint_leaf, ecdsa_p256, LeafKey::ecdsa_p256);
BENCHMARK_CAPTURE(mint_leaf, rsa_2048, LeafKey::rsa_2048);

void leaf_cached(benchmark::State& state) {
  const TemporaryDirectory folder;
  LeafMinter minter(Authority::open(folder.path() / "ca"));
  LeafCache cache(minter);
  const TestChain chain = make_chain();
  const LeafRequest request{chain.leaf.der(), "www.example.com", "", LeafKey::ecdsa_p256};
  const auto leaf = cache.leaf_for(request);
  for (auto _ : state) benchmark::DoNotOptimize(cache.find(request));
}
BENCHMARK(leaf_cached);

void read_certificate_cached(benchmark::State& state) {
  const TestChain chain = make_chain();
  CertificateFactsCache cache;
  for (auto _ : state) benchmark::DoNotOptimize(cache.facts_of(chain.leaf.der()));
}
BENCHMARK(read_certificate_cached);

}  // namespace
}  // namespace visavis::certs
