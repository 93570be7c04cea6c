// SPDX-License-Identifier: MIT
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/** What Java's two clients get of a stream, and send, with the fields that they choose by themselves. */
class StreamClient {
    public static void main(String[] words) throws Exception {
        URI stream = URI.create(words[0]);
        HttpURLConnection old = (HttpURLConnection) stream.toURL().openConnection();
        System.out.println(old.getResponseCode() + " " + old.getContentType() + " "
                + old.getInputStream().readAllBytes().length);
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<byte[]> seen = client.send(
                HttpRequest.newBuilder(stream).build(), HttpResponse.BodyHandlers.ofByteArray());
        System.out.println(seen.statusCode() + " " + seen.headers().firstValue("content-type").orElse("none") + " "
                + seen.body().length);
        HttpRequest picture = HttpRequest.newBuilder(URI.create(words[1]))
                .PUT(HttpRequest.BodyPublishers.ofFile(Path.of(words[2]))).build();
        System.out.println(client.send(picture, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
}
