# Calls operations with a client that OpenAPI::Client makes from a document. It refuses inputs that do not fit the document.
# Reads [[operation, parameters, body], …] from standard input, and writes one result per call.
use strict;
use warnings FATAL => 'all';
use Mojo::JSON qw(decode_json encode_json);
use OpenAPI::Client;

my ($document, $url) = @ARGV;
# Without conversions, a value of another type does not fit.
my $client = OpenAPI::Client->new($document, base_url => $url, coerce => {});
my $token = $ENV{HOLDFAST_TOKEN};
$client->ua->on(start => sub { $_[1]->req->headers->authorization("Bearer $token") });
my %routes = map { ($_->{operation_id} => $_) } $client->validator->routes->each;

my @results;
for my $call (@{decode_json(do { local $/; <STDIN> })}) {
  my ($operation, $params, $body) = @$call;
  my $tx = $client->call($operation, $params, defined $body ? (json => $body) : ());
  my $res = $tx->res;
  my $isSent = $res->headers->header('x-request-id') ? \1 : \0;
  my $json = $res->json;
  my $route = [@{$routes{$operation}}{qw(method path)}, $res->code];
  my @problems = $client->validator->validate_response($route, {body => sub { {exists => 1, value => $json} }});
  push @results,
    {operation => $operation, isSent => $isSent, status => 0 + $res->code, body => $json, problems => [map {"$_"} @problems]};
}
print encode_json(\@results);
