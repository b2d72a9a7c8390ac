DROP TABLE "django_content_type";
