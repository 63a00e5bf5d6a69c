// ApiVersions (18): which APIs and versions a broker offers, and its features. Versions 0 to 4.
//
// KIP-35, KIP-511 (client software name: v3; the response header is always version 0, and a version the
// broker does not know is answered in the encoding of v0), KIP-584 (features: v3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct ApiVersionsResponse;

struct ApiVersionsRequest {
  static constexpr std::string_view schema_name = "ApiVersionsRequest";
  static constexpr int16_t api_key = 18;
  using Response = ApiVersionsResponse;
  static const MessageSchema& schema();

  std::string client_software_name{};
  std::string client_software_version{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("clientSoftwareName", client_software_name, since(3));
    f("clientSoftwareVersion", client_software_version, since(3));
  }
};

struct ApiVersionsResponse {
  static constexpr std::string_view schema_name = "ApiVersionsResponse";
  static constexpr int16_t api_key = 18;
  static const MessageSchema& schema();

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("apiKey", api_key);
      f("minVersion", min_version);
      f("maxVersion", max_version);
    }
  };
  struct SupportedFeatureKey {
    std::string name{};
    int16_t min_version = 0;
    int16_t max_version = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("minVersion", min_version);
      f("maxVersion", max_version);
    }
  };
  struct FinalizedFeatureKey {
    std::string name{};
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("maxVersionLevel", max_version_level);
      f("minVersionLevel", min_version_level);
    }
  };
  int16_t error_code = 0;
  std::vector<ApiVersion> api_keys{};
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features{};
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features{};
  bool zk_migration_ready = false;
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("errorCode", error_code);
    f("apiKeys", api_keys);
    f("throttleTimeMs", throttle_time_ms, since(1));
    f("supportedFeatures", supported_features, since(3).tagged(0));
    f("finalizedFeaturesEpoch", finalized_features_epoch, since(3).tagged(1));
    f("finalizedFeatures", finalized_features, since(3).tagged(2));
    f("zkMigrationReady", zk_migration_ready, since(3).tagged(3));
  }
};

}  // namespace brokerlab::kafka
