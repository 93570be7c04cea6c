// SPDX-License-Identifier: MIT
// @ts-check

/**
 * A name by which the relay knows the frames of one page from those of another that sends the same camera.
 * Not `randomUUID`, which insecure pages lack.
 */
export function newPublisherID() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
