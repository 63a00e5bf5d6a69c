// Quotas of clients: what may be set, and the records that set it (AlterClientQuotas, KIP-546).
//
// An entity is a user, a client id, both, or an address; a null name is the default of its kind. The quota keys
// are those that the lab enforces: producer_byte_rate and consumer_byte_rate of users and clients.
//
// Deviation: Kafka also takes request_percentage, controller_mutation_rate and, of addresses,
// connection_creation_rate. Here they are unknown keys, so that none seems to work that does not.
#pragma once

#include "sim/controller/kraft/controller_result.h"
#include "sim/controller/metadata/image.h"
#include "sim/wire/kafka/49_alter_client_quotas.h"

namespace brokerlab {

ControllerResult<kafka::AlterClientQuotasResponse> alter_client_quotas(
    const MetadataImage& image, const kafka::AlterClientQuotasRequest& request);

}  // namespace brokerlab
