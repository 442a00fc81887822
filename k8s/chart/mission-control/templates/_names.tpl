{{- define "mission-control.name" -}}
mission-control-{{ .Values.colour }}
{{- end }}

{{- define "mission-control.labels" -}}
app.kubernetes.io/name: mission-control
colour: {{ .Values.colour }}
{{- end }}

{{- define "mission-control.version" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
