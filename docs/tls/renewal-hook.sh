#!/bin/sh
# SPDX-License-Identifier: MIT
# Gives EvRelay each certificate that certbot renews. Copy this file to
# /etc/letsencrypt/renewal-hooks/deploy/evrelay, make it executable, and run it once by hand for the first certificate:
#   RENEWED_LINEAGE=/etc/letsencrypt/live/camera.example.org /etc/letsencrypt/renewal-hooks/deploy/evrelay
# certbot runs it with RENEWED_LINEAGE set to the folder of the renewed certificate. Its keys are for root alone; the copies
# below /etc/evrelay/tls are for the service's group as well.
set -eu

# The certificate's name, unless certbot keeps others on this machine that are none of the relay's.
name=${EVRELAY_CERTIFICATE:-$(basename "$RENEWED_LINEAGE")}
folder=${EVRELAY_TLS_FOLDER:-/etc/evrelay/tls}
group=${EVRELAY_GROUP:-evrelay-keys}
[ "$(basename "$RENEWED_LINEAGE")" = "$name" ] || exit 0

# Both files are new before either takes its place, and each takes its place at once: a reload in between finds a pair that
# does not match, says so and keeps the old one.
install -d -m 0750 -g "$group" "$folder"
install -m 0640 -g "$group" "$RENEWED_LINEAGE/privkey.pem" "$folder/.privkey.new"
install -m 0644 -g "$group" "$RENEWED_LINEAGE/fullchain.pem" "$folder/.fullchain.new"
mv "$folder/.privkey.new" "$folder/$name.key.pem"
mv "$folder/.fullchain.new" "$folder/$name.pem"

# A reload keeps every connection. The log says which certificate is served, or why not. A service that does not run reads
# the files when it starts.
${EVRELAY_RELOAD:-systemctl try-reload-or-restart evrelay.service}
