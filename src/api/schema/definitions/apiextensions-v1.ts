/** apiextensions.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const apiextensionsV1 = `\
group apiextensions.k8s.io
version v1
protobuf k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1
openapi io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1

message ConversionRequest
  uid               1 string         always
  desiredAPIVersion 2 string         always
  objects           3 []rawExtension always

message ConversionResponse
  uid              1 string         always
  convertedObjects 2 []rawExtension always
  result           3 meta/v1.Status always

message ConversionReview
  request  1 ConversionRequest?
  response 2 ConversionResponse?

message CustomResourceColumnDefinition
  name        1 string required
  type        2 string required
  format      3 string
  description 4 string
  priority    5 int32
  jsonPath    6 string required

message CustomResourceConversion
  strategy 1 string             required
  webhook  2 WebhookConversion?

kind CustomResourceDefinition
  metadata 1 meta/v1.ObjectMeta
  spec     2 CustomResourceDefinitionSpec   required
  status   3 CustomResourceDefinitionStatus always

message CustomResourceDefinitionCondition
  type               1 string required
  status             2 string required
  lastTransitionTime 3 time
  reason             4 string
  message            5 string
  observedGeneration 6 int64

kind CustomResourceDefinitionList
  metadata 1 meta/v1.ListMeta
  items    2 []CustomResourceDefinition required

message CustomResourceDefinitionNames
  plural     1 string   required
  singular   2 string
  shortNames 3 []string list=atomic
  kind       4 string   required
  listKind   5 string
  categories 6 []string list=atomic

message CustomResourceDefinitionSpec
  group                  1 string                            required
  names                  3 CustomResourceDefinitionNames     required
  scope                  4 string                            required
  versions               7 []CustomResourceDefinitionVersion required list=atomic
  conversion             9 CustomResourceConversion?         default={"strategy":"None"}
  preserveUnknownFields 10 bool

message CustomResourceDefinitionStatus
  conditions         1 []CustomResourceDefinitionCondition always list=map(type)
  acceptedNames      2 CustomResourceDefinitionNames       always
  storedVersions     3 []string                            always list=atomic
  observedGeneration 4 int64

message CustomResourceDefinitionVersion
  name                     1 string                           required
  served                   2 bool                             required
  storage                  3 bool                             required
  deprecated               7 bool
  deprecationWarning       8 string?
  schema                   4 CustomResourceValidation?
  subresources             5 CustomResourceSubresources?
  additionalPrinterColumns 6 []CustomResourceColumnDefinition list=atomic
  selectableFields         9 []SelectableField                list=atomic

message CustomResourceSubresourceScale
  specReplicasPath   1 string  required
  statusReplicasPath 2 string  required
  labelSelectorPath  3 string?

message CustomResourceSubresourceStatus

message CustomResourceSubresources
  status 1 CustomResourceSubresourceStatus?
  scale  2 CustomResourceSubresourceScale?

message CustomResourceValidation
  openAPIV3Schema 1 JSONSchemaProps?

message ExternalDocumentation
  description 1 string
  url         2 string

message JSONSchemaProps
  id                                    1 string
  $schema                               2 string
  $ref                                  3 string?
  description                           4 string
  type                                  5 string
  format                                6 string
  title                                 7 string
  default                               8 json?
  maximum                               9 double?
  exclusiveMaximum                     10 bool
  minimum                              11 double?
  exclusiveMinimum                     12 bool
  maxLength                            13 int64?
  minLength                            14 int64?
  pattern                              15 string
  maxItems                             16 int64?
  minItems                             17 int64?
  uniqueItems                          18 bool
  multipleOf                           19 double?
  enum                                 20 []json                 list=atomic
  maxProperties                        21 int64?
  minProperties                        22 int64?
  required                             23 []string               list=atomic
  items                                24 schemaOrArray?
  allOf                                25 []JSONSchemaProps      list=atomic
  oneOf                                26 []JSONSchemaProps      list=atomic
  anyOf                                27 []JSONSchemaProps      list=atomic
  not                                  28 JSONSchemaProps?
  properties                           29 {}JSONSchemaProps
  additionalProperties                 30 schemaOrBool?
  patternProperties                    31 {}JSONSchemaProps
  dependencies                         32 {}schemaOrStringArray
  additionalItems                      33 schemaOrBool?
  definitions                          34 {}JSONSchemaProps
  externalDocs                         35 ExternalDocumentation?
  example                              36 json?
  nullable                             37 bool
  x-kubernetes-preserve-unknown-fields 38 bool?
  x-kubernetes-embedded-resource       39 bool
  x-kubernetes-int-or-string           40 bool
  x-kubernetes-list-map-keys           41 []string               list=atomic
  x-kubernetes-list-type               42 string?
  x-kubernetes-map-type                43 string?
  x-kubernetes-validations             44 []ValidationRule       list=map(rule) patch=merge(rule)

message SelectableField
  jsonPath 1 string required

message ServiceReference
  namespace 1 string  required
  name      2 string  required
  path      3 string?
  port      4 int32?  default=443

message ValidationRule
  rule              1 string  required
  message           2 string
  messageExpression 3 string
  reason            4 string? enum=FieldValueRequired|FieldValueDuplicate|FieldValueInvalid|FieldValueForbidden
  fieldPath         5 string
  optionalOldSelf   6 bool?

message WebhookClientConfig
  url      3 string?
  service  1 ServiceReference?
  caBundle 2 bytes

message WebhookConversion
  clientConfig             2 WebhookClientConfig?
  conversionReviewVersions 3 []string             required list=atomic
`;
